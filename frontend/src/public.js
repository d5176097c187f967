import "./public.css";
