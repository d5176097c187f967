import time, cProfile, pstats, json, collections
def test_prof(open_shop, monkeypatch):
    shop=open_shop(); shop.enrol("p1"); shop.enrol("p2","p1")
    from django.test import RequestFactory
    from rongshu.config.wsgi import application
    from django.test import Client
    import psycopg
    c=Client()
    h={"HTTP_AUTHORIZATION":f"Bearer {shop.key}"}
    def go(**more):
        r=c.post("/api/v1/orders?wait=true",json.dumps(shop.order(promoter="p2",buyer="b7",**more)),content_type="application/json",**h); assert r.status_code==201, r.content
    for _ in range(30): go()
    def ping(): c.get("/api/v1/ping",**h)
    for f in (ping,go):
        xs=[]
        for _ in range(60):
            a=time.perf_counter(); f(); xs.append(time.perf_counter()-a)
        xs.sort(); print(f.__name__, [round(x*1000,2) for x in (xs[0],xs[30])])
    # statements
    stm=[]
    import psycopg
    orig=psycopg.Cursor.execute
    def ex(self,q,*a,**k):
        t=time.perf_counter()
        try: return orig(self,q,*a,**k)
        finally: stm.append((time.perf_counter()-t, str(q)[:110]))
    monkeypatch.setattr(psycopg.Cursor,"execute",ex)
    from psycopg.connection import Connection
    oc=Connection.commit
    def com(self):
        t=time.perf_counter(); oc(self); stm.append((time.perf_counter()-t,"COMMIT"))
    monkeypatch.setattr(Connection,"commit",com)
    from psycopg import Copy
    agg=collections.defaultdict(list); order=[]
    for i in range(30):
        stm.clear(); go()
        for j,(t,q) in enumerate(stm): agg[(j,q)].append(t)
    tot=0
    for (j,q),ts in sorted(agg.items()):
        if len(ts)<10: continue
        ts.sort(); m=ts[len(ts)//2]; tot+=m; print(f"{j:3d} {m*1000:6.2f} {q}")
    print("sum",tot*1000)
    monkeypatch.undo()
    pr=cProfile.Profile(); pr.enable()
    for _ in range(60): go()
    pr.disable(); pstats.Stats(pr).sort_stats("tottime").print_stats(28)
    pstats.Stats(pr).sort_stats("cumtime").print_stats(75)
